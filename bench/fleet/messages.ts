import type { Floors } from '../numbers.js';

/** What the fleet's process can be asked for; each is answered once. */
export interface FleetCalls {
  /** Enrols and connects agents; answered once all of them are ready for work. */
  connect: { readonly request: FleetPlan; readonly answer: null };
  /** Measures round trips to an echo server. */
  echo: {
    readonly request: { readonly url: string; readonly seconds: number };
    readonly answer: Pick<Floors, 'echo' | 'echoesPerSecond'>;
  };
  /** CPU that the process has used so far, in microseconds. */
  cpu: { readonly request: null; readonly answer: number };
  /** From now on each build writes a log of so many bytes, and the process watches its memory. */
  beginLogs: { readonly request: { readonly bytesPerBuild: number }; readonly answer: null };
  /** No more logs; the most memory that the process had meanwhile, in MiB. */
  endLogs: { readonly request: null; readonly answer: number };
  /** Ends all sessions in order. */
  leave: { readonly request: null; readonly answer: null };
}

/** The agents of a fleet. */
export interface FleetPlan {
  readonly serverUrl: string;
  readonly enrolmentToken: string;
  readonly target: string;
  readonly agents: number;
  readonly slots: number;
  /** Directory for the identities of the agents. */
  readonly stateDir: string;
}

export type FleetCall = keyof FleetCalls;

/** A call, as it travels to the fleet's process. */
export interface FleetRequest<Call extends FleetCall = FleetCall> {
  readonly call: Call;
  readonly request: FleetCalls[Call]['request'];
}

/** What comes back: the answer to the call under way, or lives that were lived meanwhile. */
export type FleetMessage =
  | { readonly kind: 'ANSWER'; readonly answer: FleetCalls[FleetCall]['answer'] }
  | { readonly kind: 'FAILED'; readonly reason: string }
  | { readonly kind: 'LIVES'; readonly lives: readonly Life[] };

/** One build as its agent saw it; times by the machine's clock. */
export interface Life {
  readonly commit: string;
  readonly openedMs: number;
  readonly acceptedMs: number;
}
