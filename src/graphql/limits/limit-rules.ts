import {
  GraphQLError,
  type ASTNode,
  type ASTVisitor,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { ErrorCode } from '../../base/errors.js';
import { LIMITS, type LimitName } from './limits.js';
import { SizeMeter } from './measure.js';

/** Refuses operations that are too deep or would load too much. */
function limitSize(context: ValidationContext): ASTVisitor {
  const meter = new SizeMeter(context.getSchema(), context.getDocument());
  return {
    OperationDefinition(operation) {
      const size = meter.measure(operation);
      refuseAbove(context, operation, { limit: 'depth', actual: size.depth });
      refuseAbove(context, operation, { limit: 'cost', actual: size.cost });
    },
  };
}

/** Refuses documents that repeat themselves: the same field under a hundred names, or a heap of directives. */
function limitRepetition(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  let directives = 0;
  return {
    Field(field) {
      if (field.alias) aliases++;
    },
    Directive() {
      directives++;
    },
    Document: {
      leave(document) {
        refuseAbove(context, document, { limit: 'aliases', actual: aliases });
        refuseAbove(context, document, { limit: 'directives', actual: directives });
      },
    },
  };
}

function refuseAbove(
  context: ValidationContext,
  node: ASTNode,
  { limit, actual }: { limit: LimitName; actual: number },
): void {
  const allowed = LIMITS[limit];
  if (actual <= allowed) return;
  context.reportError(
    new GraphQLError(`the ${limit} of this operation is ${actual}, at most ${allowed} is allowed`, {
      nodes: node,
      extensions: { code: ErrorCode.VALIDATION_FAILED, limit, actual, allowed },
    }),
  );
}

/** For both transports, beside the rules of GraphQL itself. */
export const LIMIT_RULES: readonly ValidationRule[] = [limitSize, limitRepetition];
