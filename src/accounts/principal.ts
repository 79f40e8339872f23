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
