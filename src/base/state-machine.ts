/** From each state to those that may follow it; a final state has none. */
export type Transitions<S extends string = string> = Readonly<Record<S, readonly S[]>>;

/** A life cycle: its transition table and what follows from it. */
export interface StateMachine<S extends string> {
  readonly transitions: Transitions<S>;
  /** True when nothing may follow the state. */
  isFinal(state: S): boolean;
  /** True when `to` may follow `from`. */
  allows(from: S, to: S): boolean;
}

/** Makes a {@link StateMachine} of its transition table. */
export function stateMachine<S extends string>(transitions: Transitions<S>): StateMachine<S> {
  return {
    transitions,
    isFinal: (state) => transitions[state].length === 0,
    allows: (from, to) => transitions[from].includes(to),
  };
}

/** The states of an enum-like object, as TypeScript sees them. */
export type ValueOf<T> = T[keyof T];
