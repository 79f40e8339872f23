import type { Spread } from './spread.js';

/** What the machine can do at best, in the same run. Milliseconds, and counts per second. */
export interface Floors {
  readonly commit: Spread;
  /** Rows that are committed one by one on one connection. */
  readonly commitsPerSecond: number;
  /** Rows that are committed a hundred at a time on one connection. */
  readonly groupedRowsPerSecond: number;
  readonly echo: Spread;
  /** WebSocket messages there and back, many under way. */
  readonly echoesPerSecond: number;
}

/** From the enqueueing of a job, one every 20 ms on an idle system. Milliseconds. */
export interface Latency {
  /** The agent has verified, opened and read the package. */
  readonly toPackage: Spread;
  /** The agent has the answer to its accept, which is committed. */
  readonly toAccepted: Spread;
}

/** Microseconds of CPU per life; null where it cannot be read. */
export interface CpuPerLife {
  readonly server: number;
  readonly agents: number;
  readonly postgres: number | null;
}

/** Lives at full speed: admit, claim, push, accept, start, finish, fold. */
export interface Throughput {
  readonly lives: number;
  readonly seconds: number;
  readonly livesPerSecond: number;
  /** Lives of each whole second: a system that slows down shows it here. */
  readonly perSecond: readonly number[];
  readonly cpuUs: CpuPerLife;
  readonly commitsPerLife: number;
  readonly walBytesPerLife: number;
}

/** Logs at full speed. */
export interface LogNumbers {
  readonly mib: number;
  readonly builds: number;
  /** COPY of the same bytes into the same table, by one connection. */
  readonly copyMibPerSecond: number;
  /** From the admission of the builds to the answer to their end: every byte is stored. */
  readonly mibPerSecond: number;
  /** Until they are archived, from the same moment. */
  readonly archiveMibPerSecond: number;
  /** The most that a process had meanwhile, all of it. */
  readonly memoryMib: { readonly server: number; readonly agents: number };
}

/** Everything that a run has measured. */
export interface Numbers {
  readonly at: string;
  readonly machine: {
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
    readonly postgres: string;
  };
  readonly agents: number;
  readonly slots: number;
  readonly floors: Floors;
  /** From the `createChange` mutation over git, pipeline file and plan to the opened package. Milliseconds. */
  readonly wholeWay: Spread;
  readonly latency: Latency;
  readonly throughput: Throughput;
  readonly logs: LogNumbers;
}
