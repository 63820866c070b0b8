import { fstatSync } from 'node:fs'
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { workerData } from 'node:worker_threads'
import { ByteRing } from './ring.ts'

/** What the thread is given. */
export interface Assignment {
  readonly fd: number
  /** The buffer of a `ByteRing`. */
  readonly buffer: SharedArrayBuffer
}

/** The thread that reads a pipe or a socket into a ring. It ends with the pipe, and if it cannot read, with the error. */
const { fd, buffer } = workerData as Assignment
const ring = new ByteRing(buffer)
// A socket is read one piece at a time: if libuv is to read on, it may take the reset of the socket for its end.
const mayBeReset = fstatSync(fd).isSocket()
const options: SocketConstructorOpts & { onread: OnReadOpts } = {
  fd,
  readable: true,
  writable: false,
  onread: {
    buffer: () => ring.room(),
    callback(length) {
      ring.wrote(length)
      if (mayBeReset) setImmediate(() => socket.resume())
      return !mayBeReset
    },
  },
}
const socket = new Socket(options)
socket.resume()
