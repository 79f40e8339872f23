import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { MAX_PAGE } from '../page.js';

/** Things in a list that is not read in pages, such as the steps of a build: a guess. */
const UNPAGED_LENGTH = 3;

/** How large an operation is. */
export interface Size {
  /** Levels of fields. */
  readonly depth: number;
  /** Objects that it may load: every field of an object type counts, as often as its lists may be long. */
  readonly cost: number;
}

const NOTHING: Size = { depth: 0, cost: 0 };

/**
 * Measures an operation without running it. A fragment is measured once, however often it is used, so that nested
 * fragments cannot make the measuring itself expensive. Introspection is left out: graphql-js limits it.
 */
export class SizeMeter {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #sizes = new Map<string, Size>();

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    const fragments = document.definitions.filter(isFragment);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  /** The size of one of the document's operations. */
  measure(operation: OperationDefinitionNode): Size {
    return this.#measureSet(operation.selectionSet, this.#schema.getRootType(operation.operation), false);
  }

  #measureSet(set: SelectionSetNode, parent: GraphQLNamedType | null | undefined, isPaged: boolean): Size {
    return set.selections
      .map((selection) => this.#measureSelection(selection, parent, isPaged))
      .reduce(
        (sum, size) => ({ depth: Math.max(sum.depth, size.depth), cost: sum.cost + size.cost }),
        NOTHING,
      );
  }

  #measureSelection(
    selection: SelectionNode,
    parent: GraphQLNamedType | null | undefined,
    isPaged: boolean,
  ): Size {
    if (selection.kind === Kind.FIELD) return this.#measureField(selection, parent, isPaged);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#measureFragment(selection.name.value);
    const condition = selection.typeCondition?.name.value;
    const type = condition === undefined ? parent : this.#schema.getType(condition);
    return this.#measureSet(selection.selectionSet, type, isPaged);
  }

  #measureFragment(name: string): Size {
    const known = this.#sizes.get(name);
    if (known) return known;
    // A fragment within itself is another rule's error; here it must only end.
    this.#sizes.set(name, NOTHING);
    const fragment = this.#fragments.get(name);
    const size = fragment
      ? this.#measureSet(
          fragment.selectionSet,
          this.#schema.getType(fragment.typeCondition.name.value),
          false,
        )
      : NOTHING;
    this.#sizes.set(name, size);
    return size;
  }

  #measureField(field: FieldNode, parent: GraphQLNamedType | null | undefined, isPaged: boolean): Size {
    const definition = isObjectType(parent) ? parent.getFields()[field.name.value] : undefined;
    if (!definition) return field.name.value.startsWith('__') ? NOTHING : { depth: 1, cost: 0 };
    if (!field.selectionSet || !isCompositeType(getNamedType(definition.type))) return { depth: 1, cost: 0 };
    const length = lengthOf(field, definition, isPaged);
    const children = this.#measureSet(
      field.selectionSet,
      getNamedType(definition.type),
      takesFirst(definition),
    );
    // A page counts the things in it; the list that holds them counts nothing more.
    const own = takesFirst(definition) ? 0 : 1;
    return { depth: children.depth + 1, cost: length * (own + children.cost) };
  }
}

function lengthOf(field: FieldNode, definition: GraphQLField<unknown, unknown>, isPaged: boolean): number {
  if (takesFirst(definition)) return pageLength(field);
  return isList(definition.type) && !isPaged ? UNPAGED_LENGTH : 1;
}

/** A variable may be anything up to the largest page. */
function pageLength(field: FieldNode): number {
  const first = field.arguments?.find(({ name }) => name.value === 'first')?.value;
  const length = first?.kind === Kind.INT ? Number(first.value) : MAX_PAGE;
  return Math.min(Math.max(length, 1), MAX_PAGE);
}

function takesFirst(definition: GraphQLField<unknown, unknown>): boolean {
  return definition.args.some(({ name }) => name === 'first');
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type));
}

function isFragment(node: ASTNode): node is FragmentDefinitionNode {
  return node.kind === Kind.FRAGMENT_DEFINITION;
}
