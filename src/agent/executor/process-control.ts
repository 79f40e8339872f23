/** How a running process is told to end: `stop` asks (TERM), `kill` does not (KILL). */
export interface ProcessControl {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}
