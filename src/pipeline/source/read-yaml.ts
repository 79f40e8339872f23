import { cut } from '../../base/text.js';
import { limits } from '../limits.js';
import type { ProblemLog } from '../problem-log.js';
import { composeDocument } from './compose-document.js';
import type { SourceNode } from './source-tree.js';
import { tokenise, type SourceFault } from './tokenise.js';
import { ExpandedTooFar, TreeBuilder } from './tree-builder.js';
import type { LineCounter, ParsedNode } from 'yaml';

const START = { line: 1, column: 1 };

/**
 * YAML text to a tree with positions. Whatever is wrong goes to `log`; the answer is null when there is no tree to
 * look at. Ends after bounded work whatever the text is.
 */
export function readYaml(text: string, log: ProblemLog): SourceNode | null {
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.sourceBytes) {
    const expected = `at most ${limits.sourceBytes} bytes`;
    log.refuse({ at: START, key: '', value: `${bytes} bytes`, expected });
    return null;
  }
  const tokenised = tokenise(text);
  if (!tokenised.ok) return refuseFaults([tokenised.fault], tokenised.lines, log);
  const { root, faults } = composeDocument(tokenised.tokens, text);
  if (faults.length > 0) return refuseFaults(faults, tokenised.lines, log);
  return buildTree(root, tokenised.lines, log);
}

function buildTree(root: ParsedNode | null, lines: LineCounter, log: ProblemLog): SourceNode | null {
  try {
    return new TreeBuilder(log, lines).build(root, '', START);
  } catch (error) {
    if (!(error instanceof ExpandedTooFar)) throw error;
    const expected = `at most ${limits.nodes} values and ${limits.characters} characters once its anchors are expanded`;
    log.refuse({ at: START, key: '', value: 'anchors', expected });
    return null;
  }
}

function refuseFaults(faults: readonly SourceFault[], lines: LineCounter, log: ProblemLog): null {
  for (const fault of faults.slice(0, limits.problems)) {
    const { line, col } = lines.linePos(fault.offset);
    const { value, expected } = fault;
    log.refuse({ at: { line, column: col }, key: '', value: cut(value, 80), expected });
  }
  return null;
}
