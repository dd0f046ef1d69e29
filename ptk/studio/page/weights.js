// How far neighbours follow a point that is dragged: by the distance along the lines of the face, so that the lower
// lip takes its own edges along and never the upper one.

const STIFF = 3; // a lip is flesh: its two edges are nearer to each other than they look

export function findDistances(points, lines, links, start) {
  const edges = points.map(() => []);
  const join = (a, b, stiff = 1) => {
    const far = Math.hypot(points[a][0] - points[b][0], points[a][1] - points[b][1]) / stiff;
    edges[a].push([b, far]);
    edges[b].push([a, far]);
  };
  for (const line of lines) {
    line.indices.slice(1).forEach((point, index) => join(line.indices[index], point));
    if (line.closed) join(line.indices.at(-1), line.indices[0]);
  }
  for (const [a, b] of links) join(a, b, STIFF);
  const distances = points.map(() => Infinity);
  distances[start] = 0;
  const open = new Set(points.keys());
  while (open.size) {
    const nearest = [...open].reduce((a, b) => (distances[b] < distances[a] ? b : a));
    open.delete(nearest);
    for (const [next, far] of edges[nearest]) {
      distances[next] = Math.min(distances[next], distances[nearest] + far);
    }
  }
  return distances;
}

export function findShares(points, lines, links, start, reach) {
  const distances = findDistances(points, lines, links, start);
  const shares = {};
  distances.forEach((far, index) => {
    const share = reach > 0 ? Math.exp(-((far / reach) ** 2)) : Number(index === start);
    if (share > 0.02) shares[index] = share;
  });
  return shares;
}
