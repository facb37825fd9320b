// Circles in a graph, by Tarjan's strongly connected components.

/**
 * The circles of a graph, one for each group of nodes that reach each other.
 *
 * @param {Map<string, string[]>} arrows - from each node to those that it points at
 * @returns {string[][]} for each group the shortest circle through its first node, which stands at both ends
 */
export function circlesOf(arrows) {
  return groupsOf(arrows).map((group) => shortestCircle(group, arrows));
}

function groupsOf(arrows) {
  const order = new Map();
  const lowest = new Map();
  const stack = [];
  const onStack = new Set();
  const groups = [];
  const enter = (node) => {
    order.set(node, order.size);
    lowest.set(node, order.get(node));
    stack.push(node);
    onStack.add(node);
    for (const next of arrows.get(node) ?? []) {
      if (!order.has(next)) enter(next);
      if (onStack.has(next)) lowest.set(node, Math.min(lowest.get(node), lowest.get(next)));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    for (const one of group) onStack.delete(one);
    if (group.length > 1 || arrows.get(node)?.includes(node)) groups.push(group);
  };
  for (const node of arrows.keys()) if (!order.has(node)) enter(node);
  return groups;
}

function shortestCircle(group, arrows) {
  const within = new Set(group);
  const [start] = [...group].sort((a, b) => a.localeCompare(b));
  const before = new Map();
  const queue = [start];
  for (const node of queue) {
    for (const next of arrows.get(node) ?? []) {
      if (next === start) return pathTo(node, before, start);
      if (!within.has(next) || before.has(next)) continue;
      before.set(next, node);
      queue.push(next);
    }
  }
  return group;
}

function pathTo(node, before, start) {
  const path = [start];
  for (let at = node; at !== start; at = before.get(at)) path.unshift(at);
  return [start, ...path];
}
