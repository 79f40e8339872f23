const EVERY_MS = 50;
const MIB = 1024 * 1024;

/** Looks at this process's memory until it is stopped, which answers the most that it had, in MiB. */
export function watchMemory(): { stop(): number } {
  let most = process.memoryUsage.rss();
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.round(Math.max(most, process.memoryUsage.rss()) / MIB);
    },
  };
}
