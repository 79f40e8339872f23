import type { BuildOutput } from '../protocol/messages.js';

/** Output by which a build says what package it made. */
const OUTPUT = 'package_ident';
/** Most characters of an ident; longer than any real one. */
const MAX_IDENT = 500;
/** Parts of an ident after the project's name. */
const PART = /^[A-Za-z0-9][\w.+~-]*$/;
const EXPECTED = 'origin/name/version/release';

/** What a build says that it made. */
export interface ClaimedIdent {
  /** Null when it says nothing. */
  readonly text: string | null;
  /** Why it cannot have made that; null for what it may. */
  readonly problem: string | null;
}

/** Reads the ident among a build's outputs: it must be a version of the build's own project. */
export function claimedIdent(project: string, outputs: readonly BuildOutput[]): ClaimedIdent {
  const text = outputs.find(({ name }) => name === OUTPUT)?.value ?? null;
  return { text, problem: text === null ? null : problemOf(text, project) };
}

function problemOf(text: string, project: string): string | null {
  const [origin, name, ...rest] = text.split('/');
  const isWhole = rest.length === 2 && rest.every((part) => PART.test(part)) && text.length <= MAX_IDENT;
  if (!isWhole) return `${OUTPUT}: ${JSON.stringify(text)} given, expected ${EXPECTED}`;
  if (`${origin}/${name}` === project) return null;
  return `${OUTPUT}: ${text} given, expected a package of ${project}, which is what this build is for`;
}
