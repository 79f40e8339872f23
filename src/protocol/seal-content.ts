import type { CloneCredential, SealContent, SealedSecret, SecretRefusal } from './messages.js';

/** What a seal held, or undefined when it is anything else than {@link SealContent} as JSON. */
export function readSealContent(plain: Buffer): SealContent | undefined {
  const content = parseJson(plain.toString('utf8'));
  if (!isRecord(content)) return undefined;
  const { buildToken, nonce, secrets, refusedSecrets, credential } = content;
  const isWhole =
    isText(buildToken) &&
    isText(nonce) &&
    isListOf(secrets, isSealedSecret) &&
    isListOf(refusedSecrets, isRefusal) &&
    (credential === null || isCredential(credential));
  return isWhole ? { buildToken, nonce, secrets, refusedSecrets, credential } : undefined;
}

function isSealedSecret(value: unknown): value is SealedSecret {
  return isRecord(value) && isText(value.name) && isText(value.value) && isListOf(value.steps, isNumber);
}

function isRefusal(value: unknown): value is SecretRefusal {
  return isRecord(value) && isText(value.name) && isNumber(value.step) && isText(value.reason);
}

function isCredential(value: unknown): value is CloneCredential {
  if (!isRecord(value)) return false;
  switch (value.kind) {
    case 'HTTPS_TOKEN':
      return isText(value.username) && isText(value.token);
    case 'SSH_KEY':
      return isText(value.privateKey) && isText(value.knownHosts);
    default:
      return false;
  }
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller refuses the seal.
  }
}
