import { cloneCheckout, type CloneOutcome } from '../../../src/agent/builds/clone.js';
import { gitOf } from '../../../src/agent/builds/clone-git.js';
import { defaultSearchPath } from '../../../src/agent/builds/step-environment.js';
import type { CloneCredential } from '../../../src/protocol/messages.js';
import { Workspace } from '../../../src/agent/builds/workspace.js';
import { BuildLedger } from '../../../src/agent/state/build-ledger.js';

/** What is cloned, by whose authority, and who may end it. */
export interface CloneWish {
  readonly url: string;
  readonly commit: string;
  readonly ref?: string | null;
  readonly caFile?: string;
  readonly credential?: CloneCredential;
  readonly stop?: AbortSignal;
  /** Put before each command of git. */
  readonly settings?: readonly string[];
}

/** Clones as the agent does for a build, in a directory of the test. */
export class Cloner {
  log = '';
  #workspace: Workspace | undefined;

  constructor(
    private readonly directory: string,
    private readonly build: string,
  ) {}

  /** The workspace of the last clone. */
  get workspace(): Workspace {
    if (this.#workspace === undefined) throw new Error('nothing has been cloned');
    return this.#workspace;
  }

  async clone({ caFile, credential, stop, settings, ...checkout }: CloneWish): Promise<CloneOutcome> {
    const workspace = await Workspace.create(this.directory, this.build);
    this.#workspace = workspace;
    const output = (bytes: Uint8Array): Promise<void> => {
      this.log += Buffer.from(bytes).toString();
      return Promise.resolve();
    };
    const control = { stop: stop ?? new AbortController().signal, kill: new AbortController().signal };
    const ledger = await BuildLedger.open(this.directory);
    const git = gitOf({
      build: this.build,
      workspace,
      searchPath: defaultSearchPath,
      control,
      ledger,
    });
    return cloneCheckout({
      checkout: { ref: null, ...checkout },
      credential: credential ?? null,
      workspace,
      caFile: caFile ?? null,
      git: ({ words, ...call }) => git({ ...call, words: [...(settings ?? []), ...words] }),
      output,
    });
  }
}
