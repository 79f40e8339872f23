import { Composer, type Document, type CST, type ParsedNode } from 'yaml';
import type { SourceFault } from './tokenise.js';

type ParsedDocument = Document.Parsed<ParsedNode, true>;

/** The one document of a token stream, and everything that YAML itself has to say against it. */
export function composeDocument(
  tokens: readonly CST.Token[],
  text: string,
): { readonly root: ParsedNode | null; readonly faults: readonly SourceFault[] } {
  // Unique keys are checked by our own tree: the library's check is quadratic in the keys of a mapping.
  const composer = new Composer({ uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' });
  const [first, second] = composer.compose(tokens, true, text.length) as Iterable<ParsedDocument>;
  const faults = [...(first?.errors ?? []), ...(first?.warnings ?? [])].map((error) => ({
    offset: error.pos[0],
    value: text.slice(error.pos[0], error.pos[1]).split('\n', 1)[0] ?? '',
    expected: `valid YAML (${error.message})`,
  }));
  return { root: first?.contents ?? null, faults: [...faults, ...secondDocument(second)] };
}

function secondDocument(document: ParsedDocument | undefined): SourceFault[] {
  if (document === undefined) return [];
  return [{ offset: document.range[0], value: '---', expected: 'a single YAML document' }];
}
