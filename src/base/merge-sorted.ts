/** Items of sorted sequences as one sorted sequence, read no further than asked for. Equal items come in the order of their sequences. */
export function* mergeSorted<Item>(
  sequences: readonly Iterable<Item>[],
  compare: (a: Item, b: Item) => number,
): Generator<Item, void, undefined> {
  const iterators = sequences.map((sequence) => sequence[Symbol.iterator]());
  const heads = iterators.map((iterator) => iterator.next());
  for (;;) {
    let least = -1;
    let item: Item | undefined;
    for (const [index, head] of heads.entries()) {
      if (head.done === true) continue;
      if (item !== undefined && compare(head.value, item) >= 0) continue;
      least = index;
      item = head.value;
    }
    const iterator = iterators[least];
    if (item === undefined || iterator === undefined) return;
    yield item;
    heads[least] = iterator.next();
  }
}
