import type { SealedSecret, SecretRefusal } from '../protocol/messages.js';
import { openEnvelope, UnreadableEnvelope, type MasterKeys } from '../tokens/index.js';
import type { SecretColumns, WantedRow } from './build-secrets.queries.js';
import { secretJudge } from './judge-secret.js';
import { envelopeOwnerOf } from './secret-scope.js';
import { refusals, type WantedSecret, type Wishes } from './wanted-secrets.js';

/** What a build gets of the secrets that its steps ask for. */
export type BuildSecrets =
  | {
      readonly kind: 'READ';
      readonly secrets: readonly SealedSecret[];
      readonly refusedSecrets: readonly SecretRefusal[];
    }
  /** A secret that it may have cannot be opened: it must run neither without it nor with another one's. */
  | { readonly kind: 'UNREADABLE'; readonly reason: string; readonly cause: UnreadableEnvelope };

/** Bytes of all values of a build together: they travel in one message with the packages of others. */
const MAX_TOTAL_BYTES = 256 * 1024;

const FORK = 'the change comes from a fork, and nobody has approved it';
const TOO_LARGE = `the secrets of the build are larger than ${MAX_TOTAL_BYTES / 1024} KiB together`;

/** Decides what a build gets: rules first, then only what a step may have is opened. */
export function grantSecrets(
  { wanted, refused }: Wishes,
  rows: readonly (WantedRow | undefined)[],
  masterKeys: MasterKeys,
): BuildSecrets {
  const grants = wanted.map((secret, index) => grantOf(secret, rows[index]));
  const refusedSecrets = [...refused, ...grants.flatMap((grant) => grant.refused)];
  const secrets: SealedSecret[] = [];
  let totalBytes = 0;
  for (const { name, key, row, steps } of grants) {
    if (row === null || steps.length === 0) continue;
    const value = open(masterKeys, row);
    if (value instanceof UnreadableEnvelope)
      return { kind: 'UNREADABLE', reason: unreadable(key), cause: value };
    totalBytes += value.length;
    if (totalBytes <= MAX_TOTAL_BYTES) secrets.push({ name, value: value.toString('utf8'), steps });
    else refusedSecrets.push(...steps.map((step) => ({ name, step, reason: TOO_LARGE })));
  }
  return { kind: 'READ', secrets, refusedSecrets };
}

/** What the rules say of one secret. */
interface Grant {
  readonly name: string;
  readonly key: string;
  /** Null when no step may have it. */
  readonly row: SecretColumns | null;
  readonly steps: readonly number[];
  readonly refused: readonly SecretRefusal[];
}

function grantOf({ name, key, scope, steps }: WantedSecret, row: WantedRow | undefined): Grant {
  const refuse = (reason: string): Grant => ({
    name,
    key,
    row: null,
    steps: [],
    refused: refusals(name, steps, reason),
  });
  if (row === undefined) return refuse('the build is over');
  // First, so that a stranger does not learn which secrets there are.
  if (!row.trusted) return refuse(FORK);
  if (row.id === null) return refuse(`there is no ${scope} secret ${key}`);
  const judge = secretJudge(rulesOf(row), { ...row, defaultBranch: row.default_branch });
  const judged = steps.map(({ number, ...step }) => ({ number, reason: judge(step) }));
  return {
    name,
    key,
    row,
    steps: judged.flatMap(({ number, reason }) => (reason === undefined ? [number] : [])),
    refused: judged.flatMap(({ number, reason }) =>
      reason === undefined ? [] : [{ name, step: number, reason }],
    ),
  };
}

function rulesOf(row: SecretColumns) {
  return {
    allowEvents: row.allow_events,
    allowImages: row.allow_images,
    allowCommands: row.allow_commands,
    allowRepos: row.allow_repos,
    allowRefs: row.allow_refs,
  };
}

function unreadable(key: string): string {
  return `secret ${key} cannot be opened: it was changed in the database, or sealed by a master key that the server has not; set it again`;
}

function open(masterKeys: MasterKeys, row: SecretColumns): Buffer | UnreadableEnvelope {
  try {
    return Buffer.from(openEnvelope(masterKeys, row.envelope, envelopeOwnerOf(row)));
  } catch (error) {
    if (error instanceof UnreadableEnvelope) return error;
    throw error;
  }
}
