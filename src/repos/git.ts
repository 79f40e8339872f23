import { DomainError, ErrorCode } from '../base/errors.js';
import { explainFailure } from '../git/explain-failure.js';
import { type GitAccess, type GitRemote, refuseAccess, withGitAccess } from '../git/git-access.js';
import { classifyGitFailure, firstComplaint } from '../git/git-failure.js';
import { readGitUrl } from '../git/git-url.js';
import type { CloneCredential } from '../protocol/messages.js';
import { AddressGuard } from './address-guard.js';
import { runBounded, type ProcessOutcome } from './bounded-process.js';
import { GitError, GitFailure } from './git-error.js';

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
  /** Which hosts may be connected to; by default those of the public internet. */
  readonly guard?: AddressGuard;
}

/** A remote repository, and what to show there. */
export interface Remote {
  readonly url: string;
  readonly credential?: CloneCredential | null;
}

/** Limits of one command. */
export interface GitRun {
  readonly signal?: AbortSignal | undefined;
  /** Most bytes of output; default 1 MiB. */
  readonly maxBytes?: number;
}

interface TimedRun extends GitRun {
  readonly timeoutMs: number;
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

const PROTOCOLS = { local: 'file', https: 'https', ssh: 'ssh' } as const;
const NO_ACCESS: GitAccess = { environment: {}, wrapper: [], input: undefined };

/**
 * Runs git for repositories and remotes that strangers own: no shell, no prompts, no configuration but ours, only the
 * protocols file, https and ssh, only checked addresses, bounded in time and output. Whoever calls checks names first
 * and puts `--` before them.
 */
export class Git {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #localTimeoutMs: number;
  readonly #remoteTimeoutMs: number;
  readonly #guard: AddressGuard;

  constructor(options: GitOptions = {}) {
    this.#environment = environmentOf(options);
    this.#localTimeoutMs = options.localTimeoutMs ?? 60_000;
    this.#remoteTimeoutMs = options.remoteTimeoutMs ?? 300_000;
    this.#guard = options.guard ?? new AddressGuard([]);
  }

  /** Runs a command in a bare repository of ours; gives its output. Throws {@link GitError}. */
  async local(dir: string, args: readonly string[], run: GitRun = {}): Promise<Buffer> {
    const limits = { ...run, timeoutMs: this.#localTimeoutMs };
    return output(await this.#run(['--git-dir', dir, ...args], limits), limits);
  }

  /** Makes an empty bare repository at an absolute path. Throws {@link GitError}. */
  async init(dir: string, run: GitRun = {}): Promise<void> {
    const limits = { ...run, timeoutMs: this.#localTimeoutMs };
    output(await this.#run(['init', '--quiet', '--bare', '--template=', '--', dir], limits), limits);
  }

  /** Fetches refspecs (checked by the caller) from a remote into a bare repository. Throws {@link GitError}. */
  async fetch(
    dir: string,
    remote: Remote & { readonly refspecs: readonly string[] },
    run: GitRun = {},
  ): Promise<void> {
    const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
    const args = ['--git-dir', dir, 'fetch', ...flags, ...servedBy(remote)];
    const names = ['--', remote.url, ...remote.refspecs];
    await this.#ask(remote, [...args, ...names], { timeoutMs: this.#remoteTimeoutMs, ...run });
  }

  /** What a remote's HEAD points to, as `git ls-remote --symref` says it. Throws {@link GitError}. */
  async remoteHead(remote: Remote, run: GitRun & { readonly timeoutMs?: number } = {}): Promise<string> {
    const args = ['ls-remote', '--symref', ...servedBy(remote), '--', remote.url, 'HEAD'];
    const answer = await this.#ask(remote, args, { timeoutMs: this.#remoteTimeoutMs, ...run });
    return answer.toString('utf8');
  }

  /** Runs a command that talks to a remote, with its credential and to a checked address. */
  async #ask(remote: Remote, args: readonly string[], run: TimedRun): Promise<Buffer> {
    const asked = await this.#routeTo(remote);
    const { url, credential } = asked;
    return withGitAccess(asked, async (access) => {
      const environment = { ...access.environment, GIT_ALLOW_PROTOCOL: PROTOCOLS[url.kind] };
      const outcome = await this.#run(args, run, { ...access, environment });
      return output(outcome, run, { url, shown: credential?.kind ?? null });
    });
  }

  /** The remote, read and judged. */
  async #routeTo({ url: given, credential = null }: Remote): Promise<GitRemote> {
    const url = readGitUrl(given);
    if (url === undefined) throw new GitError(GitFailure.REFUSED_PROTOCOL, 'git is not run for this URL');
    const refusal = refuseAccess(url, credential);
    if (refusal !== undefined) throw new GitError(GitFailure.ACCESS_DENIED, refusal);
    const addresses = url.kind === 'local' ? undefined : await this.#guard.check(url.host);
    return { url, credential, addresses };
  }

  async #run(args: readonly string[], run: TimedRun, access: GitAccess = NO_ACCESS): Promise<ProcessOutcome> {
    const [file = 'git', ...words] = [...access.wrapper, 'git', ...settings, ...args];
    return runBounded({
      file,
      args: words,
      env: { ...this.#environment, ...access.environment },
      input: access.input,
      timeoutMs: run.timeoutMs,
      maxBytes: run.maxBytes ?? MIB,
      signal: run.signal,
    }).catch((error: unknown) => {
      throw new DomainError(ErrorCode.INTERNAL, `${file} could not be started`, {}, { cause: error });
    });
  }
}

/** Only for a repository of this machine: a server runs its own program. */
function servedBy({ url }: Remote): readonly string[] {
  return url.startsWith('/') || url.startsWith('file:') ? [`--upload-pack=${UPLOAD_PACK}`] : [];
}

function environmentOf({ searchPath, caFile }: GitOptions): Readonly<Record<string, string>> {
  return {
    PATH: searchPath ?? '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
    ...(caFile === undefined ? {} : { GIT_SSL_CAINFO: caFile }),
    // Neither a .netrc nor a configuration of the user that we happen to run as.
    HOME: '/nonexistent',
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_ALLOW_PROTOCOL: 'file',
    GIT_ASKPASS: '',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** What a process wrote, or the error that its end means. */
function output(
  outcome: ProcessOutcome,
  run: TimedRun,
  asked?: Parameters<typeof explainFailure>[1],
): Buffer {
  switch (outcome.stoppedFor) {
    case 'TIMEOUT':
      throw new GitError(GitFailure.TIMEOUT, `git did not finish within ${run.timeoutMs / 1000} s`);
    case 'ABORTED':
      throw new GitError(GitFailure.ABORTED, 'git was stopped');
    case 'OUTPUT':
      throw new GitError(GitFailure.TOO_LARGE, `git gave more than ${run.maxBytes ?? MIB} bytes`);
    case null: {
      if (outcome.code === 0) return outcome.stdout;
      const what = classifyGitFailure(outcome.stderr, asked?.url);
      const meaning = asked === undefined ? undefined : explainFailure(what, asked);
      const words = `git failed: ${firstComplaint(outcome.stderr) || 'without a word'}`;
      throw new GitError(what, meaning ?? words);
    }
  }
}
