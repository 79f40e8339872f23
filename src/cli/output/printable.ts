/**
 * Text of others for a terminal line: control characters, which could move the cursor, retitle the window or hide a
 * part of the line, are shown as U+FFFD.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g, '\uFFFD');
}
