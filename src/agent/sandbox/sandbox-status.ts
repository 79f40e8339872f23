import type { Readable } from 'node:stream';

/** What bwrap said of its sandbox. */
export interface SandboxStatus {
  /** The machine's number of the sandbox's first process, which leads the group of the step. */
  readonly leaderPid?: number;
  /** Only of a step that was really started. */
  readonly exitCode?: number;
}

/** Listens to bwrap's status: JSON, an object per line. */
export class StatusStream {
  status: SandboxStatus = {};
  /** Resolves when bwrap says no more. */
  readonly ended: Promise<void>;

  constructor(stream: Readable) {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (piece: string) => {
      const lines = `${text}${piece}`.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.status = { ...this.status, ...readStatus(line) };
    });
    this.ended = new Promise((resolve) => stream.once('close', resolve));
  }
}

function readStatus(line: string): SandboxStatus {
  const [, pid] = /"child-pid": (\d+)/.exec(line) ?? [];
  const [, code] = /"exit-code": (\d+)/.exec(line) ?? [];
  return {
    ...(pid === undefined ? {} : { leaderPid: Number(pid) }),
    ...(code === undefined ? {} : { exitCode: Number(code) }),
  };
}
