// How much each candidate explains of some sampled rows, and how much more could be gained beyond a set of them; `../cmd.ts` says what the
// rows are. Everything is f32, four rows at a time, unfused, except for the sums over lanes.
//
// Q has a row of `pitch` bytes for each candidate, with one f32 in [0, 1] for each sample. The length of a row is a multiple of 16, with
// zeros at the end. No scratch.

/** A matrix Q, or some of its columns: `length` samples of each candidate. */
export type Likeness<T> = T

/**
 * Q = min(1, <b_i, c>²) for each sample i and each candidate c. `samples`: `kept` columns of `length` f32; `candidates`: `kept` f32 each.
 */
export function cmd_likeness(
  samples: usize,
  candidates: usize,
  count: i32,
  kept: i32,
  q: Likeness<usize>,
  pitch: Likeness<usize>,
  length: Likeness<i32>
): void {
  const bytes = (<usize>length) << 2
  const one = f32x4.splat(1)
  for (let c = 0; c < count; c++) {
    const next = candidates + ((<usize>kept) << 2)
    for (let r: usize = 0; r < bytes; r += 16) {
      let product = f32x4.splat(0)
      let sample = samples + r
      for (let p = candidates; p < next; p += 4) {
        product = f32x4.add(product, f32x4.mul(v128.load(sample), v128.load32_splat(p)))
        sample += bytes
      }
      v128.store(q + r, f32x4.pmin(one, f32x4.mul(product, product)))
    }
    q += pitch
    candidates = next
  }
}

/** For each sample, the best among the candidates whose numbers (u32) are in `members`, leaving out the one at place `without`. */
export function cmd_best(
  q: Likeness<usize>,
  pitch: Likeness<usize>,
  length: Likeness<i32>,
  members: usize,
  count: i32,
  without: i32,
  best: usize
): void {
  const bytes = (<usize>length) << 2
  memory.fill(best, 0, bytes)
  for (let m = 0; m < count; m++) {
    if (m === without) continue
    const row = q + <usize>load<u32>(members + ((<usize>m) << 2)) * pitch
    for (let r: usize = 0; r < bytes; r += 16) {
      v128.store(best + r, f32x4.pmax(v128.load(best + r), v128.load(row + r)))
    }
  }
}

/** For some candidates, the sum over the samples of the greater of `best` and Q. It goes to the candidate's place in `totals`, as f64. */
export function cmd_totals(
  q: Likeness<usize>,
  pitch: Likeness<usize>,
  length: Likeness<i32>,
  members: usize,
  count: i32,
  best: usize,
  totals: usize
): void {
  const bytes = (<usize>length) << 2
  for (let m = 0; m < count; m++) {
    const candidate = <usize>load<u32>(members + ((<usize>m) << 2))
    const row = q + candidate * pitch
    let a = f32x4.splat(0)
    let b = a
    let c = a
    let d = a
    for (let r: usize = 0; r < bytes; r += 64) {
      const so = best + r
      const own = row + r
      a = f32x4.add(a, f32x4.pmax(v128.load(so), v128.load(own)))
      b = f32x4.add(b, f32x4.pmax(v128.load(so, 16), v128.load(own, 16)))
      c = f32x4.add(c, f32x4.pmax(v128.load(so, 32), v128.load(own, 32)))
      d = f32x4.add(d, f32x4.pmax(v128.load(so, 48), v128.load(own, 48)))
    }
    a = f32x4.add(f32x4.add(a, b), f32x4.add(c, d))
    store<f64>(
      totals + (candidate << 3),
      <f64>f32x4.extract_lane(a, 0) +
        <f64>f32x4.extract_lane(a, 1) +
        <f64>f32x4.extract_lane(a, 2) +
        <f64>f32x4.extract_lane(a, 3)
    )
  }
}
