import { pino, type Logger } from 'pino';

export type { Logger };

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/**
 * A structured logger (JSON lines on standard error). Values under names that hold secrets are dropped here as a
 * last guard; code must not log them in the first place.
 */
export function createLogger(options: { name: string; level: LogLevel }): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      base: { name: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'token',
          '*.token',
          'authorization',
          '*.authorization',
          'password',
          '*.password',
          'secret',
          '*.secret',
          'secrets',
          '*.secrets',
          'credential',
          '*.credential',
          'seal',
          '*.seal',
        ],
        censor: '[redacted]',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** A logger that says nothing; for tests and for commands that print for people. */
export const silentLogger: Logger = pino({ level: 'silent' });
