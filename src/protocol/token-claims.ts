import type { Claims } from 'paseto';

/** Who presents a token, as the connection proved it: worker id and thumbprint of its identity key. */
export interface TokenBearer {
  readonly workerId: string;
  readonly thumbprint: string;
}

/** What a worker token says. `expiresAtMs`: milliseconds since the epoch. */
export interface WorkerTokenClaims extends TokenBearer {
  readonly session: string;
  readonly epoch: number;
  readonly expiresAtMs: number;
}

/** What a build token says. No scope exists for secrets. */
export interface BuildTokenClaims extends TokenBearer {
  readonly buildId: string;
  readonly jobId: string;
  readonly attempt: number;
  readonly slot: number;
  readonly headSha256: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** A kind of token: its audience and how its claims are written. Claims of another shape read as undefined. */
export interface TokenForm<TokenClaims> {
  readonly audience: string;
  write(claims: TokenClaims): Claims;
  read(claims: Claims): TokenClaims | undefined;
}

/** `aud slipway:worker`: one session of one worker. */
export const workerTokenForm: TokenForm<WorkerTokenClaims> = {
  audience: 'slipway:worker',
  write: (claims) => ({
    aud: workerTokenForm.audience,
    sub: claims.workerId,
    exp: toDateTime(claims.expiresAtMs),
    session: claims.session,
    epoch: claims.epoch,
    cnf: { jkt: claims.thumbprint },
  }),
  read: (claims) =>
    whole({
      workerId: text(claims.sub),
      thumbprint: readThumbprint(claims),
      session: text(claims.session),
      epoch: integer(claims.epoch),
      expiresAtMs: readExpiry(claims),
    }),
};

/** `aud slipway:build`: one build in one slot of one worker. */
export const buildTokenForm: TokenForm<BuildTokenClaims> = {
  audience: 'slipway:build',
  write: (claims) => ({
    aud: buildTokenForm.audience,
    sub: claims.buildId,
    exp: toDateTime(claims.expiresAtMs),
    job: claims.jobId,
    attempt: claims.attempt,
    worker: claims.workerId,
    slot: claims.slot,
    cnf: { jkt: claims.thumbprint },
    head: claims.headSha256,
    scopes: claims.scopes,
  }),
  read: (claims) =>
    whole({
      buildId: text(claims.sub),
      jobId: text(claims.job),
      attempt: integer(claims.attempt),
      workerId: text(claims.worker),
      slot: integer(claims.slot),
      thumbprint: readThumbprint(claims),
      headSha256: text(claims.head),
      scopes: texts(claims.scopes),
      expiresAtMs: readExpiry(claims),
    }),
};

function toDateTime(ms: number): string {
  return new Date(ms).toISOString();
}

function readExpiry(claims: Claims): number | undefined {
  return integer(Date.parse(claims.exp ?? ''));
}

function readThumbprint({ cnf }: Claims): string | undefined {
  return typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? text(cnf.jkt) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function integer(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isTexts ? value : undefined;
}

/** The fields once every one of them is there. */
function whole<Fields extends object>(fields: {
  [Name in keyof Fields]: Fields[Name] | undefined;
}): Fields | undefined {
  return Object.values(fields).includes(undefined) ? undefined : (fields as Fields);
}
