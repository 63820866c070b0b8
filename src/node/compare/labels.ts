/** What DistributedDataParallel and torch.compile put before every name of the model that they wrap. */
const wrapper = /^(module|_orig_mod)\./

/** Names as the model itself has them. */
export function unwrapped(names: readonly (string | number)[]): readonly (string | number)[] {
  const isWrapped = names.length > 0 && names.every((name) => wrapper.test(String(name)))
  return isWrapped ? unwrapped(names.map((name) => String(name).replace(wrapper, ''))) : names
}
