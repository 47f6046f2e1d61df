import type { TopicManager, TopicVerdict } from '#atomic-core';

/** The same topic for those without a name: nobody keeps a basket for them, so what its outputs would go to is left out. */
export const keepNothing = (manager: TopicManager): TopicManager => ({
  name: manager.name,
  judge: async (...question) => dropBaskets(await manager.judge(...question)),
});

function dropBaskets(verdict: TopicVerdict): TopicVerdict {
  if (!verdict.admitted) return verdict;
  const { admittance } = verdict;
  const admit = admittance.admit.map(({ vout, lookupKeys }) => ({ vout, lookupKeys }));
  return { admitted: true, admittance: { ...admittance, admit } };
}
