/** What a server or worker process tells the supervisor (`slipway up`) that started it. */
export interface ReadyMessage {
  readonly kind: 'READY';
  /** A server's address, or the driver by which a worker runs steps. */
  readonly value: string;
}

/**
 * The channel to the process that started us, where it left one: a process whose supervisor was killed must not live
 * on. `isGone` is aborted when it is.
 */
export interface ParentLink {
  readonly isGone: AbortSignal;
  /** False when there is nobody to tell. */
  tell(message: ReadyMessage): boolean;
}

/** Opens the link; without a supervisor it does nothing. */
export function openParentLink(): ParentLink {
  const controller = new AbortController();
  const onGone = (): void => controller.abort(new Error('the supervisor is gone'));
  process.once('disconnect', onGone);
  // It may have been killed while this process was still loading; nobody heard the event then.
  if (process.send !== undefined && !process.connected) onGone();
  // Listening alone must not keep this process alive once its work is done or has failed.
  process.channel?.unref();
  return { isGone: controller.signal, tell: (message) => process.send?.(message) ?? false };
}
