export { LogCursor } from './log-cursor.js';
export { LogPage } from './log-page.js';
export { LogPieceKind } from './log-piece.js';
export { LOG_START, type LogPosition } from './log-position.js';
export { LogReader, type LogPart } from './log-reader.js';
export { LogSlice } from './log-slice.js';
export { LOG_TAIL_MS, sealLogs } from './seal.queries.js';
export { tailLog, type LogTailContext, type LogTailStart } from './tail-log.js';
