import { type AncestryVerifiedBeef, type BeefGraph, CHRONICLE } from '#atomic-core';

/** A graph of which no rule was asked, as if its ancestry were verified: all of its coins of these eras, the next block one of Chronicle. For tests of scripts. */
export const dateGraph = (graph: BeefGraph, eras = CHRONICLE): AncestryVerifiedBeef =>
  ({
    ...graph,
    coinEras: new Uint8Array(graph.needed.length).fill(eras),
    isChronicleNext: true,
  }) as unknown as AncestryVerifiedBeef;
