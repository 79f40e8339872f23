/** Counts the handshakes under way. */
export class HandshakeGate {
  readonly #limit: number;
  readonly #inside = new Set<object>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Lets a connection begin its handshake, unless too many are under way. */
  tryEnter(connection: object): boolean {
    if (this.#inside.size >= this.#limit) return false;
    this.#inside.add(connection);
    return true;
  }

  /** Its handshake is over, one way or the other. */
  leave(connection: object): void {
    this.#inside.delete(connection);
  }
}
