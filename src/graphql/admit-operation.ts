import {
  Kind,
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { can, type Principal } from '../accounts/index.js';
import { unauthenticated } from './authorize.js';
import { refuseUnstorableText } from './limits/storable-text.js';

/** What anybody may ask. Whatever else an anonymous caller asks is refused before any of it runs. */
const OPEN_FIELDS: ReadonlySet<string> = new Set([
  '__typename',
  'me',
  'registerWorker',
  'version',
  'workerChallenge',
]);

/** An operation that is about to run. */
export interface OperationToAdmit {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly principal: Principal;
}

/**
 * What both transports look at before an operation runs: text that can be stored, and who may see the schema. Throws a
 * ValidationError or UNAUTHENTICATED.
 */
export function admitOperation({ document, operation, variables, principal }: OperationToAdmit): void {
  refuseUnstorableText(document, variables);
  if (can(principal, 'schema.read')) return;
  for (const field of rootFieldsOf(document, operation)) {
    if (!OPEN_FIELDS.has(field)) throw unauthenticated(`a token is needed for "${field}"`);
  }
}

/** Names of the fields that an operation selects of its root type, also through fragments. */
export function rootFieldsOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ReadonlySet<string> {
  const fields = new Set<string>();
  const pending: SelectionSetNode[] = [operation.selectionSet];
  const fragments = new Map(
    document.definitions.filter(isFragment).map((fragment) => [fragment.name.value, fragment.selectionSet]),
  );
  for (let set = pending.pop(); set !== undefined; set = pending.pop()) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) fields.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(selection.selectionSet);
      else pending.push(...takeFragment(fragments, selection.name.value));
    }
  }
  return fields;
}

/** Each fragment is looked into once. */
function takeFragment(fragments: Map<string, SelectionSetNode>, name: string): SelectionSetNode[] {
  const set = fragments.get(name);
  fragments.delete(name);
  return set ? [set] : [];
}

function isFragment(node: DefinitionNode): node is FragmentDefinitionNode {
  return node.kind === Kind.FRAGMENT_DEFINITION;
}
