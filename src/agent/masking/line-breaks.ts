/**
 * Where the latest line breaks of a text are, so that places can be counted without them. A break stands at the place
 * of the next byte that is none.
 */
export class LineBreaks {
  #places: number[] = [];
  #forgotten = 0;

  /** Notes one byte of a line break, after `place` bytes that are none. */
  add(place: number): void {
    this.#places.push(place);
  }

  /** True when the last `count` bytes of line breaks came one after the other. */
  areInARow(count: number): boolean {
    const length = this.#places.length;
    return length >= count && this.#places[length - count] === this.#places[length - 1];
  }

  /** Place in the whole text of the byte that stands at `place` among those that are no line breaks. */
  offsetOf(place: number): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle]! <= place) low = middle + 1;
      else high = middle;
    }
    return place + this.#forgotten + low;
  }

  /** Nothing before the byte at `place` will be asked for again. */
  forgetBefore(place: number): void {
    const count = this.#places.findIndex((each) => each > place);
    const dropped = count === -1 ? this.#places.length : count;
    if (dropped === 0) return;
    this.#forgotten += dropped;
    this.#places = this.#places.slice(dropped);
  }
}
