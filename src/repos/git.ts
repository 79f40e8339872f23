import { DomainError, ErrorCode } from '../base/errors.js';
import { runBounded, type ProcessOutcome } from './bounded-process.js';
import { classifyGitFailure, firstComplaint, GitError, GitFailure } from './git-error.js';

/** How git is run. */
export interface GitOptions {
  /** Directories with git and its helpers, colon-separated. */
  readonly searchPath?: string;
  /** Most time of a command that reads our own disk. */
  readonly localTimeoutMs?: number;
  /** Most time of a command that talks to a remote. */
  readonly remoteTimeoutMs?: number;
  /** Absolute path of the certificate authorities that count, in place of the system's. */
  readonly caFile?: string | undefined;
}

/** Limits of one command. */
export interface GitRun {
  readonly signal?: AbortSignal | undefined;
  /** Most bytes of output; default 1 MiB. */
  readonly maxBytes?: number;
}

const MIB = 1024 * 1024;

/** Settings that no repository, system or user may change: given with each command, they outrank every file. */
const settings = [
  'core.hooksPath=/dev/null',
  'core.askPass=',
  'core.fsmonitor=false',
  'credential.helper=',
  'fetch.recurseSubmodules=no',
  'gc.auto=0',
  'http.followRedirects=false',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=60',
  'http.sslVerify=true',
  'maintenance.auto=false',
  'protocol.version=2',
  'safe.directory=*',
].flatMap((setting) => ['-c', setting]);

/**
 * git does not hand `-c` settings on to the program that serves a local repository, which then refuses one of another
 * owner. git runs this text in a shell: it holds nothing from outside.
 */
const UPLOAD_PACK = `git -c safe.directory='*' -c core.hooksPath=/dev/null upload-pack --timeout=60`;

/**
 * Runs git for repositories and remotes that strangers own: no shell, no prompts, no configuration but ours, only the
 * protocols file and https, bounded in time and output. Whoever calls checks names first and puts `--` before them.
 */
export class Git {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #localTimeoutMs: number;
  readonly #remoteTimeoutMs: number;

  constructor(options: GitOptions = {}) {
    this.#environment = environmentOf(options);
    this.#localTimeoutMs = options.localTimeoutMs ?? 60_000;
    this.#remoteTimeoutMs = options.remoteTimeoutMs ?? 300_000;
  }

  /** Runs a command in a bare repository of ours; gives its output. Throws {@link GitError}. */
  async local(dir: string, args: readonly string[], run: GitRun = {}): Promise<Buffer> {
    return this.#run(['--git-dir', dir, ...args], { ...run, timeoutMs: this.#localTimeoutMs });
  }

  /** Makes an empty bare repository at an absolute path. Throws {@link GitError}. */
  async init(dir: string, run: GitRun = {}): Promise<void> {
    const args = ['init', '--quiet', '--bare', '--template=', '--', dir];
    await this.#run(args, { ...run, timeoutMs: this.#localTimeoutMs });
  }

  /** Fetches refspecs (checked by the caller) from a checked URL into a bare repository. Throws {@link GitError}. */
  async fetch(
    dir: string,
    remote: { readonly url: string; readonly refspecs: readonly string[] },
    run: GitRun = {},
  ): Promise<void> {
    const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
    const args = ['--git-dir', dir, 'fetch', ...flags, `--upload-pack=${UPLOAD_PACK}`];
    const names = ['--', remote.url, ...remote.refspecs];
    await this.#run([...args, ...names], { ...run, timeoutMs: this.#remoteTimeoutMs });
  }

  /** What a checked URL's HEAD points to, as `git ls-remote --symref` says it. Throws {@link GitError}. */
  async remoteHead(url: string, run: GitRun & { readonly timeoutMs?: number } = {}): Promise<string> {
    const args = ['ls-remote', '--symref', `--upload-pack=${UPLOAD_PACK}`, '--', url, 'HEAD'];
    const output = await this.#run(args, { timeoutMs: this.#remoteTimeoutMs, ...run });
    return output.toString('utf8');
  }

  async #run(args: readonly string[], run: GitRun & { readonly timeoutMs: number }): Promise<Buffer> {
    const outcome = await runBounded({
      file: 'git',
      args: [...settings, ...args],
      env: this.#environment,
      timeoutMs: run.timeoutMs,
      maxBytes: run.maxBytes ?? MIB,
      signal: run.signal,
    }).catch((error: unknown) => {
      throw new DomainError(ErrorCode.INTERNAL, 'git could not be started', {}, { cause: error });
    });
    if (outcome.code === 0) return outcome.stdout;
    throw errorOf(outcome, run);
  }
}

function environmentOf({ searchPath, caFile }: GitOptions): Readonly<Record<string, string>> {
  return {
    PATH: searchPath ?? '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
    ...(caFile === undefined ? {} : { GIT_SSL_CAINFO: caFile }),
    // Neither a .netrc nor a configuration of the user that we happen to run as.
    HOME: '/nonexistent',
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_ALLOW_PROTOCOL: 'file:https',
    GIT_ASKPASS: '',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  };
}

function errorOf(outcome: ProcessOutcome, run: { timeoutMs: number; maxBytes?: number }): GitError {
  switch (outcome.stoppedFor) {
    case 'TIMEOUT':
      return new GitError(GitFailure.TIMEOUT, `git did not finish within ${run.timeoutMs / 1000} s`);
    case 'ABORTED':
      return new GitError(GitFailure.ABORTED, 'git was stopped');
    case 'OUTPUT':
      return new GitError(GitFailure.TOO_LARGE, `git gave more than ${run.maxBytes ?? MIB} bytes`);
    case null:
      return new GitError(
        classifyGitFailure(outcome.stderr),
        `git failed: ${firstComplaint(outcome.stderr) || 'without a word'}`,
      );
  }
}
