# SPDX-License-Identifier: MIT
"""The program's random streams (doc/design: SplitMix64 keyed by seed, purpose and two numbers), where
a figure depends on what was drawn."""
import numpy as np

GOLDEN, ALL = 0x9e3779b97f4a7c15, (1 << 64) - 1
PROBES = 12  # the purpose


def mix(z):
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & ALL
    z = (z ^ z >> 27) * 0x94d049bb133111eb & ALL
    return z ^ z >> 31


class Stream:
    def __init__(self, seed, purpose, a, b):
        key = mix(seed + GOLDEN & ALL)
        key = mix(key ^ purpose) + GOLDEN & ALL
        key = mix(key ^ a) + GOLDEN & ALL
        self.state = mix(key ^ b)

    def bits(self):
        self.state = self.state + GOLDEN & ALL
        return mix(self.state)

    def uniform(self, n):
        return np.array([(self.bits() >> 11) * 2. ** -53 for _ in range(n)])

    def below(self, n):
        bits = self.bits()
        while bits < (1 << 64) % n:
            bits = self.bits()
        return bits % n

    def permutation(self, n):
        index = list(range(n))
        for i in range(n, 1, -1):
            j = self.below(i)
            index[i - 1], index[j] = index[j], index[i - 1]
        return index
