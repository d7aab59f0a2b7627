// SPDX-License-Identifier: MIT
// The objects of a result. The addon calls these functions with what it read, null for what the service left out.
'use strict';

const native = require('./native.js');
const { errorOf } = require('./errors.js');

const toTaxonomy = (id, class_, order, family, genus, species) => ({ id, class: class_, order, family, genus, species });

const toCandidate = (label, score, id, class_, order, family, genus, species) => ({
  label, score, taxonomy: toTaxonomy(id, class_, order, family, genus, species),
});

const toDetection = (id, label, score, xMin, yMin, width, height, category, rankId, class_, order, family, genus, species,
  candidates = []) => ({
  id, label, score, box: xMin === null ? null : { xMin, yMin, width, height }, category,
  taxonomy: toTaxonomy(rankId, class_, order, family, genus, species), candidates,
});

const toResult = (kind, id, expiresAt, detections, imageWidth, imageHeight, fileSize, metadata, processingTimeMs,
  modelVersion, modelId, country, threshold, json) => Object.freeze({
  kind, id, expiresAt, detections, imageWidth, imageHeight, fileSize,
  metadata: metadata === null ? null : JSON.parse(metadata),
  processingTimeMs, modelVersion, modelId, country, threshold, json,
});

native.make_results_by(toCandidate, toDetection, toResult);

/** Reads a result from JSON that was kept, such as `json` of a result. */
function parseResult(json) {
  const result = native.parse_result(Buffer.from(json));
  if (typeof result === 'number') throw errorOf(result);
  return result;
}

module.exports = { parseResult };
