import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { type SupervisorShell, SupervisorProcess } from './supervisor-process.js';

const BEAT_MS = 1_000;
/** An agent that has said nothing for so long is not busy: it hangs, or was stopped. */
const SILENCE_MS = 10_000;
/** A supervisor that dies over and over is started again, but not in a hurry. */
const RESTART_MS = 1_000;

/** What the supervisor needs of the agent. */
export interface SupervisedAgent {
  /** How long the agent may still be silent before the server gives its builds away; null when it has none. */
  silenceLimitMs(): number | null;
  /** All groups were killed, since the agent was silent for too long. */
  onSilence(): void;
}

/**
 * Watches over the process groups of the agent's builds from a process of its own, so that they die when the agent
 * does, and also when it hangs or is stopped: an agent that cannot run cannot fence itself.
 */
export class Supervisor {
  readonly #shell: SupervisorShell;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #groups = new Set<number>();
  #agent: SupervisedAgent | null = null;
  #process: SupervisorProcess | null = null;
  #isOver = false;

  constructor(shell: SupervisorShell, tools: { readonly clock: Clock; readonly logger: Logger }) {
    this.#shell = shell;
    this.#clock = tools.clock;
    this.#logger = tools.logger;
    if (!shell.hasClock) {
      tools.logger.warn('no shell has read -t (bash, busybox): builds live on while the agent is stopped');
    }
  }

  /** From now on the group dies with the agent. */
  add(groupPid: number): void {
    this.#groups.add(groupPid);
    this.#process?.tell('add', groupPid);
  }

  /** The group is gone: its number may come to mean another one. */
  remove(groupPid: number): void {
    this.#groups.delete(groupPid);
    this.#process?.tell('remove', groupPid);
  }

  /**
   * Starts it, and says every second that the agent is there and for how long that holds. When the signal is aborted,
   * it ends, with whatever it still knows.
   */
  async run(agent: SupervisedAgent, signal: AbortSignal): Promise<void> {
    this.#agent = agent;
    this.#start();
    while (!signal.aborted) {
      this.#beat();
      await this.#clock.sleep(BEAT_MS, signal).catch(() => undefined); // Aborted: the loop's condition says so.
    }
    this.#isOver = true;
    this.#process?.end();
  }

  #beat(): void {
    this.#process?.tell('beat', this.#limitS());
  }

  /** Shells count whole seconds; 0 would not wait at all. */
  #limitS(): number {
    const limitMs = Math.min(SILENCE_MS, this.#agent?.silenceLimitMs() ?? SILENCE_MS);
    return Math.max(1, Math.floor(limitMs / 1000));
  }

  #start(): void {
    this.#process = new SupervisorProcess(this.#shell, this.#limitS(), (wasSilent) => this.#ended(wasSilent));
    for (const group of this.#groups) this.#process.tell('add', group);
  }

  #ended(wasSilent: boolean): void {
    this.#process = null;
    if (this.#isOver) return;
    this.#logger.error({ wasSilent }, 'the supervisor of the builds has ended; another one is started');
    if (wasSilent) this.#agent?.onSilence();
    void this.#clock.sleep(wasSilent ? 0 : RESTART_MS).then(() => {
      if (!this.#isOver) this.#start();
    });
  }
}
