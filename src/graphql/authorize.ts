import { can, type Action, type Principal, type Resource } from '../accounts/index.js';
import { DomainError, ErrorCode } from '../base/errors.js';
import type { GraphqlContext } from './context.js';
import type { WorkerSessionPort } from './services.js';

/** Lets the principal through or throws UNAUTHENTICATED or FORBIDDEN. The first line of each resolver. */
export function authorize(
  context: { readonly principal: Principal },
  action: Action,
  resource?: Resource,
): void {
  const { principal } = context;
  if (can(principal, action, resource)) return;
  if (principal.kind === 'ANONYMOUS') throw unauthenticated('a token is needed for this');
  throw new DomainError(ErrorCode.FORBIDDEN, `the scopes of this token do not include ${action}`, { action });
}

/** The session of the worker that asks. Throws UNAUTHENTICATED for anybody else, and so for everybody over HTTP. */
export function sessionOf(context: GraphqlContext): WorkerSessionPort {
  if (context.session && can(context.principal, 'worker.operate', { workerId: context.session.workerId })) {
    return context.session;
  }
  throw unauthenticated("this is for a worker on its session's socket");
}

/** The error of a caller that has not proven who it is. */
export function unauthenticated(message: string): DomainError {
  return new DomainError(ErrorCode.UNAUTHENTICATED, message);
}
