/** A git port that notes how long each of its calls took, and how long it took to remove the clones it gave. */
export function watchedGit(git) {
  const spent = { gitMs: 0, disposeMs: 0 };
  const timed = async (key, work) => {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      spent[key] += performance.now() - startedAt;
    }
  };
  const watched = new Proxy(git, {
    get: (target, name) => {
      const method = target[name];
      if (typeof method !== 'function') return method;
      return async (...args) => {
        const answer = await timed('gitMs', () => method.apply(target, args));
        if (!answer?.dispose) return answer;
        return { ...answer, dispose: () => timed('disposeMs', () => answer.dispose()) };
      };
    },
  });
  return { git: watched, spent };
}
