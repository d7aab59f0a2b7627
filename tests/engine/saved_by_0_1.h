/* SPDX-License-Identifier: MIT */
/*
 * What animaldetect_job_save of 0.1.0 wrote, and the idempotency keys that 0.1.0 sent. Never regenerate them: every
 * later version must read these texts and send these keys.
 */
#ifndef TESTS_ENGINE_SAVED_BY_0_1_H
#define TESTS_ENGINE_SAVED_BY_0_1_H

#include <stdint.h>

struct saved_by_0_1 {
    const char *name;
    uint8_t number; /* of the image: 64 bytes with this value, the first four those of a JPEG */
    int stage;      /* as numbered in 0.1.0: 0 to 5 */
    const char *text;
    const char *key;
};

/* clang-format off */
static const struct saved_by_0_1 SAVED_BY_0_1[] = {
    {"bytes, created", 1, 1,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:00.020Z\","
     "\"filename\":\"image.jpg\",\"idempotency_key\":\"ad1-f625980abeed418de621f9390dc813564031380aef75f66e151bbfb"
     "5cd9cc82b\",\"input\":\"bytes\",\"job_id\":\"422ea740-d097-4210-a062-b061b42e2928\","
     "\"operation\":\"detect\",\"sha256\":\"00f4dccee0bbb4821da376f53b5d9514680dab1900c99d303fce329a5357f2e3\","
     "\"size\":64,\"stage\":\"created\",\"state\":\"awaiting_upload\","
     "\"upload_expires_at\":\"2026-06-17T13:15:00.020Z\",\"upload_headers\":{\"Content-Type\":\"image/jpeg\"},"
     "\"upload_method\":\"PUT\",\"upload_url\":\"https://storage.mock.test/animal_detect/uploads/422ea740-d097-421"
     "0-a062-b061b42e2928?X-Expires=1781702100020&X-Generation=0&X-Signature=4064decf12756440d41ce95cd8dbdd1be1d4c"
     "74dac245edd8ef98cc06799a75f\"}",
     "ad1-f625980abeed418de621f9390dc813564031380aef75f66e151bbfb5cd9cc82b"},
    {"bytes with all options, created", 2, 1,
     "{\"animaldetect_job\":1,\"client_reference_id\":\"gate/ä 2\",\"content_type\":\"image/jpeg\","
     "\"expires_at\":\"2026-07-17T13:00:00.060Z\",\"filename\":\"fuchs ä.jpg\","
     "\"idempotency_key\":\"ad1-e6cb51f822486cb966f366291277fb8a9fdf8fef5a6575e73656ccaab50f6b13\","
     "\"input\":\"bytes\",\"job_id\":\"e016dcf7-9a4f-45e5-811e-bc2370f04c8a\",\"operation\":\"detect\","
     "\"options\":{\"classify\":true,\"country\":\"deu\",\"latitude\":-0.0,\"longitude\":13.25,"
     "\"threshold\":0.35},\"sha256\":\"b5fee8bdd85ba06a164fecc1952a42f2f4708cc35a86d70fcd0967e9af00fcb4\","
     "\"size\":64,\"stage\":\"created\",\"state\":\"awaiting_upload\","
     "\"upload_expires_at\":\"2026-06-17T13:15:00.060Z\",\"upload_headers\":{\"Content-Type\":\"image/jpeg\"},"
     "\"upload_method\":\"PUT\",\"upload_url\":\"https://storage.mock.test/animal_detect/uploads/e016dcf7-9a4f-45e"
     "5-811e-bc2370f04c8a?X-Expires=1781702100060&X-Generation=0&X-Signature=8a0c83fb011a7ba75384b3553bfd645667a88"
     "be5daca263b6ce9f20d11dace31\"}",
     "ad1-e6cb51f822486cb966f366291277fb8a9fdf8fef5a6575e73656ccaab50f6b13"},
    {"bytes, uploaded", 3, 2,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:00.100Z\","
     "\"filename\":\"image.jpg\",\"idempotency_key\":\"ad1-4a7e1d1c792e9d1df7a73616cdc9f0550e429ff5c43d5face1f93d0"
     "0ff524ad2\",\"input\":\"bytes\",\"job_id\":\"83c8b285-db22-4acd-ae1f-9cf4fa032fd6\","
     "\"operation\":\"detect\",\"sha256\":\"b136ca1fb49ede4cefa4dcdc4598eff3cf60699395b3c2dd01e1c336de626fb2\","
     "\"size\":64,\"stage\":\"uploaded\",\"state\":\"awaiting_upload\"}",
     "ad1-4a7e1d1c792e9d1df7a73616cdc9f0550e429ff5c43d5face1f93d00ff524ad2"},
    {"bytes, submitted", 4, 3,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:00.180Z\","
     "\"filename\":\"image.jpg\",\"idempotency_key\":\"ad1-dda08a70a4a15eb07ca9c3852a4034b0904a16ba8c4f928d97cbb08"
     "aff3bcbab\",\"input\":\"bytes\",\"job_id\":\"88fccd93-f527-4844-a51a-621acb37f189\","
     "\"operation\":\"detect\",\"sha256\":\"ddaedb2296e71d373f8188358423d6e1453c7dd84de3f9dba723faca8909af40\","
     "\"size\":64,\"stage\":\"submitted\",\"state\":\"queued\","
     "\"submit_url\":\"https://api.animaldetect.com/v1/jobs/88fccd93-f527-4844-a51a-621acb37f189/submit\"}",
     "ad1-dda08a70a4a15eb07ca9c3852a4034b0904a16ba8c4f928d97cbb08aff3bcbab"},
    {"bytes, fetched", 5, 5,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:00.300Z\","
     "\"filename\":\"image.jpg\",\"idempotency_key\":\"ad1-d1b13cadb4449036a6e2b60e44ff961505a9ec6edaf977697e70a2e"
     "fe30626be\",\"input\":\"bytes\",\"job_id\":\"cf1fdcec-c213-4878-88f3-36dfb77f530e\","
     "\"operation\":\"detect\",\"result_url\":\"https://api.animaldetect.com/v1/jobs/cf1fdcec-c213-4878-88f3-36dfb"
     "77f530e/result\",\"sha256\":\"7f073618a4ef7aa0da7316cc641ba9e05705d30810360062f3c2d89e0c9f12f2\","
     "\"size\":64,\"stage\":\"finished\",\"state\":\"succeeded\","
     "\"status_url\":\"https://api.animaldetect.com/v1/jobs/cf1fdcec-c213-4878-88f3-36dfb77f530e\","
     "\"submit_url\":\"https://api.animaldetect.com/v1/jobs/cf1fdcec-c213-4878-88f3-36dfb77f530e/submit\"}",
     "ad1-d1b13cadb4449036a6e2b60e44ff961505a9ec6edaf977697e70a2efe30626be"},
    {"a second rerun, created", 6, 1,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:03.233Z\","
     "\"filename\":\"image.jpg\",\"idempotency_key\":\"ad1-f11f709acaf2175c02f5ddb1c169728687c45f661a12d0bc3a9b8da"
     "bb4e4d02e\",\"input\":\"bytes\",\"job_id\":\"6735bcc5-c486-4f6b-928e-d7a7688f9dc0\","
     "\"operation\":\"detect\",\"rerun\":2,\"sha256\":\"876ff35e86ca705d4c36c1d79c5f1f567292ddc2094b811e5ee67f8783"
     "82205a\",\"size\":64,\"stage\":\"created\",\"state\":\"awaiting_upload\","
     "\"upload_expires_at\":\"2026-06-17T13:15:03.233Z\",\"upload_headers\":{\"Content-Type\":\"image/jpeg\"},"
     "\"upload_method\":\"PUT\",\"upload_url\":\"https://storage.mock.test/animal_detect/uploads/6735bcc5-c486-4f6"
     "b-928e-d7a7688f9dc0?X-Expires=1781702103233&X-Generation=0&X-Signature=d0025c166ed438c55c0dbf257abd694e20b43"
     "ea098b5df302e43b30f99a93ed6\"}",
     "ad1-f11f709acaf2175c02f5ddb1c169728687c45f661a12d0bc3a9b8dabb4e4d02e"},
    {"a key of the host's, created", 7, 1,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:03.273Z\","
     "\"filename\":\"image.jpg\",\"idempotency_key\":\"own-key-7\",\"input\":\"bytes\","
     "\"job_id\":\"187869ac-b3f3-4bc6-a79d-de815ef95bcc\",\"operation\":\"detect\",\"own_key\":true,"
     "\"sha256\":\"45739e09c8dcd3db6179739768d1e2f30ca9b1eed4c4f1627f9ded4e2ad5ed96\",\"size\":64,"
     "\"stage\":\"created\",\"state\":\"awaiting_upload\",\"upload_expires_at\":\"2026-06-17T13:15:03.273Z\","
     "\"upload_headers\":{\"Content-Type\":\"image/jpeg\"},\"upload_method\":\"PUT\","
     "\"upload_url\":\"https://storage.mock.test/animal_detect/uploads/187869ac-b3f3-4bc6-a79d-de815ef95bcc?X-Expi"
     "res=1781702103273&X-Generation=0&X-Signature=03194c4be5b56eadd3fc700ba3661d6ecab70b4a6b007762dcaf2fe3c4bfbb8"
     "7\"}",
     "own-key-7"},
    {"a source URL, created", 8, 3,
     "{\"animaldetect_job\":1,\"expires_at\":\"2026-07-17T13:00:03.313Z\","
     "\"idempotency_key\":\"ad1-90da075c91a5b2fc6e69b01efd8e65fdcf5476c1131c71e0818fe06b0c7a6ef5\","
     "\"input\":\"source_url\",\"job_id\":\"02d52abe-666c-4151-8b89-4fde81cd5fb5\",\"operation\":\"filter_urban\","
     "\"source_url\":\"https://pictures.example/8.jpg\",\"stage\":\"submitted\",\"state\":\"queued\"}",
     "ad1-90da075c91a5b2fc6e69b01efd8e65fdcf5476c1131c71e0818fe06b0c7a6ef5"},
    {"a reader of one pass, created", 9, 1,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:03.353Z\","
     "\"filename\":\"tape.jpg\",\"idempotency_key\":\"adr-a0d438e77209edeeaa0f790cced11565f3a77888ecfa3a629af27440"
     "e8cbd17d\",\"input\":\"reader\",\"job_id\":\"ff76237e-6a31-430e-a771-771142a523e9\","
     "\"operation\":\"detect\",\"random_key\":true,\"size\":64,\"stage\":\"created\","
     "\"state\":\"awaiting_upload\",\"upload_expires_at\":\"2026-06-17T13:15:03.353Z\","
     "\"upload_headers\":{\"Content-Type\":\"image/jpeg\"},\"upload_method\":\"PUT\","
     "\"upload_url\":\"https://storage.mock.test/animal_detect/uploads/ff76237e-6a31-430e-a771-771142a523e9?X-Expi"
     "res=1781702103353&X-Generation=0&X-Signature=010fca769f0d350f28a424dbb84bfeb702fcd0793f569f347eb592073a991a2"
     "a\"}",
     "adr-a0d438e77209edeeaa0f790cced11565f3a77888ecfa3a629af27440e8cbd17d"},
    {"a file, created", 10, 1,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:03.393Z\","
     "\"file_path\":\"fox 10.jpg\",\"filename\":\"fox 10.jpg\","
     "\"idempotency_key\":\"ad1-cb80146c577801745e628d2f0eade155c9efb98a7217c78b7e0be8a3184ccb87\","
     "\"input\":\"file\",\"job_id\":\"d88892ad-812c-4dab-a317-b2defe94a990\",\"operation\":\"detect_urban\","
     "\"sha256\":\"61fac2c3d580734da6e37471b13f8997e0e24a4bf9f79c537a1831016c416d2d\",\"size\":64,"
     "\"stage\":\"created\",\"state\":\"awaiting_upload\",\"upload_expires_at\":\"2026-06-17T13:15:03.393Z\","
     "\"upload_headers\":{\"Content-Type\":\"image/jpeg\"},\"upload_method\":\"PUT\","
     "\"upload_url\":\"https://storage.mock.test/animal_detect/uploads/d88892ad-812c-4dab-a317-b2defe94a990?X-Expi"
     "res=1781702103393&X-Generation=0&X-Signature=1d4ed5a7ecda57a4f6cbf06e2d9254fc95a8ab59e131909675d9d1d6063a40e"
     "4\"}",
     "ad1-cb80146c577801745e628d2f0eade155c9efb98a7217c78b7e0be8a3184ccb87"},
    {"a file whose name is no UTF-8, created", 11, 1,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:03.433Z\","
     "\"file_path_hex\":\"666f78ff31312e6a7067\",\"filename\":\"fox?11.jpg\","
     "\"idempotency_key\":\"ad1-60e5c5f7993ec3ac15e1c831f8f0a4781355f77803d38acd2ce7cd7ed8cb1745\","
     "\"input\":\"file\",\"job_id\":\"b4f91d78-4ebc-46a9-a548-d247531dbd1c\",\"operation\":\"filter\","
     "\"sha256\":\"4212881d038eb8c2da992d3ca0929e3e05a374b9766b54d54e83fecc7a2bd84b\",\"size\":64,"
     "\"stage\":\"created\",\"state\":\"awaiting_upload\",\"upload_expires_at\":\"2026-06-17T13:15:03.433Z\","
     "\"upload_headers\":{\"Content-Type\":\"image/jpeg\"},\"upload_method\":\"PUT\","
     "\"upload_url\":\"https://storage.mock.test/animal_detect/uploads/b4f91d78-4ebc-46a9-a548-d247531dbd1c?X-Expi"
     "res=1781702103433&X-Generation=0&X-Signature=940f0bdeedb11348e62918db0bb9bced81b23d2103cefe59ff2f1a05cc08980"
     "e\"}",
     "ad1-60e5c5f7993ec3ac15e1c831f8f0a4781355f77803d38acd2ce7cd7ed8cb1745"},
    {"a digest of the host's, created", 12, 1,
     "{\"animaldetect_job\":1,\"content_type\":\"image/jpeg\",\"expires_at\":\"2026-07-17T13:00:03.473Z\","
     "\"filename\":\"image.jpg\",\"idempotency_key\":\"ad1-516ff94f733b093fcf8cf859a9e349e6e80cd6de6f5b7b6e8c5bbe3"
     "122647776\",\"input\":\"bytes\",\"job_id\":\"ebeb0ad5-6488-4d30-b52b-a16f009f8c08\","
     "\"operation\":\"detect\",\"sha256\":\"abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789\","
     "\"size\":64,\"stage\":\"created\",\"state\":\"awaiting_upload\","
     "\"upload_expires_at\":\"2026-06-17T13:15:03.473Z\",\"upload_headers\":{\"Content-Type\":\"image/jpeg\"},"
     "\"upload_method\":\"PUT\",\"upload_url\":\"https://storage.mock.test/animal_detect/uploads/ebeb0ad5-6488-4d3"
     "0-b52b-a16f009f8c08?X-Expires=1781702103473&X-Generation=0&X-Signature=692fe8f4b94776109a48c7ca78bfb05fd4135"
     "4ab2331fc7e87f53daa6ec92dbf\"}",
     "ad1-516ff94f733b093fcf8cf859a9e349e6e80cd6de6f5b7b6e8c5bbe3122647776"},
};
/* clang-format on */

#endif
