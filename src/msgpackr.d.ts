// The build bundles these two modules of msgpackr, see tools/build.mjs.
declare module '#msgpackr/pack' {
  export { Packr } from 'msgpackr'
}
declare module '#msgpackr/unpack' {
  export { Unpackr } from 'msgpackr'
}
