import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { ErrorCode, ValidationError } from '../base/errors.js';
import { readLogPosition, writeLogPosition, type LogPosition } from './log-position.js';

/** A {@link LogPosition} in the API. */
export const LogCursor = new GraphQLScalarType<LogPosition, string>({
  name: 'LogCursor',
  description:
    'A place in the log of a build, from which reading goes on: for each step the number of the last piece seen, such as "2:17", or "2:17,3:0" for two steps.',
  serialize: (value) => writeLogPosition(value as LogPosition),
  parseValue: (value) => read(value),
  parseLiteral: (node) => read(node.kind === Kind.STRING ? node.value : undefined),
});

/** A scalar's error must be a GraphQLError to keep its code when a variable is refused. */
function read(value: unknown): LogPosition {
  try {
    if (typeof value === 'string') return readLogPosition(value);
    throw ValidationError.of('after', value, 'a cursor, which is a string');
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw new GraphQLError(error.message, {
      extensions: { code: ErrorCode.VALIDATION_FAILED, problems: error.problems },
    });
  }
}
