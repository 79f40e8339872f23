/** `3 min ago` and the like, for a time in ISO 8601; `-` for none. */
export function ago(at: string | null, nowMs = Date.now()): string {
  return at === null ? '-' : `${roughly(Math.max(0, nowMs - Date.parse(at)))} ago`;
}

/** `3 min` and the like until a time in ISO 8601. */
export function fromNow(at: string, nowMs = Date.now()): string {
  return roughly(Math.max(0, Date.parse(at) - nowMs));
}

/** How long something took, from start to end or till now; `-` when it has not started. */
export function took(from: string | null, to: string | null, nowMs = Date.now()): string {
  return from === null ? '-' : precisely((to === null ? nowMs : Date.parse(to)) - Date.parse(from));
}

/** `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function precisely(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  if (s < 60) return `${s.toFixed(1)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

function roughly(ms: number): string {
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return s < 172_800 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86_400)} days`;
}
