// The build carries these two modules of msgpackr along, see tools/build.mjs.
declare module '#msgpackr/pack' {
  export { Packr } from 'msgpackr'
}
declare module '#msgpackr/unpack' {
  export { Unpackr } from 'msgpackr'
}
