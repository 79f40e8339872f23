/** Who acts. Every operation is judged by its principal alone, never by where the request came from. */
export type Principal =
  | { readonly kind: 'ANONYMOUS' }
  | {
      readonly kind: 'API_TOKEN';
      readonly id: string;
      readonly name: string;
      readonly scopes: readonly string[];
    }
  | { readonly kind: 'WORKER'; readonly workerId: string; readonly sessionId: string }
  | { readonly kind: 'SYSTEM' };

/** Whoever has proven nothing. */
export const ANONYMOUS: Principal = { kind: 'ANONYMOUS' };

/** The server itself, for what no caller asked for. */
export const SYSTEM: Principal = { kind: 'SYSTEM' };

/** What people know a principal by, in what it has written. */
export function nameOf(principal: Principal): string {
  switch (principal.kind) {
    case 'API_TOKEN':
      return principal.name;
    case 'WORKER':
      return `worker ${principal.workerId}`;
    case 'ANONYMOUS':
    case 'SYSTEM':
      return principal.kind.toLowerCase();
  }
}
