import {
  getOperationAST,
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { LIMIT_RULES } from '../limits/limit-rules.js';
import { LIMITS, TOO_DEEP } from '../limits/limits.js';

const RULES = [...specifiedRules, ...LIMIT_RULES];

/** An operation that may run. */
export interface PreparedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** Parses and validates an operation by the rules that HTTP has too; gives its errors, with Apollo's codes. */
export function prepareOperation(
  schema: GraphQLSchema,
  query: string,
  operationName: string | null | undefined,
): PreparedOperation | readonly GraphQLError[] {
  const document = tryParse(query);
  if (document instanceof GraphQLError) return [withCode(document, 'GRAPHQL_PARSE_FAILED')];
  const errors = validate(schema, document, RULES);
  if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  const operation = getOperationAST(document, operationName);
  if (operation) return { document, operation };
  return [withCode(new GraphQLError('there is no operation of that name'), 'OPERATION_RESOLUTION_FAILURE')];
}

function tryParse(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: LIMITS.tokens });
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    // Nested so deeply that the parser's own calls end it before its limit of tokens does.
    if (error instanceof RangeError) return new GraphQLError(TOO_DEEP);
    throw error;
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] ??= code;
  return error;
}
