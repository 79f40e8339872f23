/** Makes a switch exhaustive: the compiler refuses a call while a case is missing, and a stray value throws. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`);
}
