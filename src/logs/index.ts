export { LogCursor } from './log-cursor.js';
export { LogPage } from './log-page.js';
export { LOG_START, type LogPosition } from './log-position.js';
export { LogSlice } from './log-slice.js';
export { readLog, type LogPart } from './logs.js';
export { tailLog, type LogTailContext, type LogTailStart } from './tail-log.js';
