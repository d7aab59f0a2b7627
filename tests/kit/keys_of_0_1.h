/* SPDX-License-Identifier: MIT */
/*
 * Keys that 0.1.0 derived, and today's keys where they differ. Never regenerate them.
 *
 * The job of every row: detect, with KEYED_IMAGE set as bytes, and only the options. `options` is what 0.1.0 saved of
 * them, byte for byte. Today's key is the one that 0.1.0 derived for the normalized input, so it is in this table
 * twice.
 */
#ifndef TESTS_KIT_KEYS_OF_0_1_H
#define TESTS_KIT_KEYS_OF_0_1_H

#define KEYED_IMAGE "\xff\xd8\xff\xe0 not really a jpeg"
#define KEYED_SHA256 "5368e7b92b51f4d19d0319af90a37a3795fb9f0ac3c0a64edd06eb7792bd4f78"

/*
 * With every setter of a job except key, digest and location: file name "fuchs ä.jpg", reference "gate/ä 2", threshold
 * 0.35, classify 1, metadata 0, three candidates, smooth_herd 1, run 2.
 */
#define KEY_OF_ALL_SETTERS "ad1-e08ecaf7219d48ed4a9a27c10be6c92a7ee32a012f2713cbb1ef15bcfe050746"

/* The checksum field was sent, but not hashed; today's key is computed with Python, as in tests/unit/test_payload.c. */
#define KEY_WITHOUT_CHECKSUM_FIELD "ad1-783f00ffb34dbb17d9d18967cf120af6b8aad314b1ee09f1268bed73a72acb6f"
#define KEY_WITH_CONTENT_SHA256 "ad1-25d9e541f30987c8f8b23e6cd1e9ce6cec69a6dbcce99f2494aebc9c0bd02041"

struct key_of_0_1 {
    const char *options; /* NULL: none */
    const char *key;
    const char *today; /* NULL: the same */
};

#define KEY_OF_US "ad1-c0986950edf80d0b625e594f9d87495d12c85ab8bdf95cdf2371badb4df31623"
#define KEY_OF_USA "ad1-c34dec0d369f4b6720403ec8156d6172f451e3578243eaddbc86354d514be028"
#define KEY_OF_GERMANY "ad1-29043f615ed2292b48d6f7ead2750e22cb8af0ea11fa83cecebd10ad2a46da45"
#define KEY_OF_ZEROS "ad1-ecaeec8beca52edc92ceebb90b314882f281a4d5531030d13602f454d3477a2b"
#define KEY_OF_EQUATOR "ad1-d224ee940dda56b7f61ad2198fb37edc2448bfa78db97c23dfa19ea06a13c348"
#define KEY_OF_ORIGIN "ad1-e74033c68fd87fc93d9550096a9972c9800c34115cb2c5ea9e3c84413b43bfc2"

/* clang-format off */
static const struct key_of_0_1 KEYS_OF_0_1[] = {
    {NULL, KEY_WITHOUT_CHECKSUM_FIELD, NULL},
    {"{\"country\":\"US\"}", KEY_OF_US, NULL},
    {"{\"country\":\"us\"}", "ad1-ed096dee863ab1abbf784a7ddfd60ee72080736855147b119e28f74c85f3b803", KEY_OF_US},
    {"{\"country\":\"US \"}", "ad1-ca407b31342749ccd7dfbe81398e4a93815fb74c2ee63833779c6f24dd7ca0f4", KEY_OF_US},
    {"{\"country\":\"\\tus\"}", "ad1-4d1651c76a17b4e16080c5369bbceb464ff08487f95c2f40919140b5d1c57075", KEY_OF_US},
    {"{\"country\":\"USA\"}", KEY_OF_USA, NULL},
    {"{\"country\":\"usa\"}", "ad1-1d2691e3088e8422bb00a949ecea9d3f9d31c203a1628e66e4f7a4ff75285219", KEY_OF_USA},
    {"{\"country\":\" usa\"}", "ad1-ff3844ca7a0696d3770b3e266ab57378a2ccb33cefff4767e82b6d64b83934bb", KEY_OF_USA},
    {"{\"country\":\"Germany\"}", KEY_OF_GERMANY, NULL},
    {"{\"country\":\"Germany \"}",
     "ad1-5baaa2d7b461b21808efa4a1db43c5aafa1b937d8da584869aab5d4976dda1c1", KEY_OF_GERMANY},
    {"{\"country\":\"Atlantis\"}", "ad1-3dbc22ed30ceec43d51fe771d423d319cb5ddf4a8194454a2d2366b944d26550", NULL},
    {"{\"country\":\"atlantis\"}", "ad1-247408cb79eb03bbbccad98f65737dee8c1be76873e8d6ac88c15ac1e28a3c19", NULL},
    {"{\"country\":\"C\xC3\xB4te d'Ivoire\"}",
     "ad1-0a98611a6229e3f3afc96f6735a08572d1c2e145295a042c58109158755ec976", NULL},
    {"{\"country\":\"u1\"}", "ad1-0a850789ffc4c3e8b1b7c90a954e3978cd8203ae5c9881ca8e474916f00877ff", NULL},
    {"{\"country\":7}", "ad1-039d4d07f105757b2ea02363df5074cddc35bdf5f08524265f0c33abf22cd06a", NULL},
    {"{\"country\":\"\"}", "ad1-efd4fa2a14a2700cb0dcc115f2791e4abb5f778f991a7cbed66b2f30333abf88", NULL},
    {"{\"country\":\" \"}", "ad1-2ccf598ca376a6e9a231341d3175e458e55fab41e0dbf5d1b1a69ef0a9246f54", NULL},
    {"{\"x\":\"us\"}", "ad1-d78a67bf807fb3d17c9c46413e34cdfe6de5a76a0298a1b5a5eef65b70ff91f5", NULL},
    {"{\"x\":{\"country\":\"us\"}}", "ad1-70fe76b041a5b268d51e725a0a60f9086c1a79e47256e5dfac1ee278cd0a1ebb", NULL},
    {"{\"x\":0}", "ad1-e938a3233d259757be521a19e7faa225901143e534a72a165ad8bbb1c3feb564", NULL},
    {"{\"x\":[0.0,{\"a\":0.0}]}", KEY_OF_ZEROS, NULL},
    {"{\"x\":[-0.0,{\"a\":-0.0}]}",
     "ad1-a26841680f32726cb26e09d4ba7ef88deb5077f4863ddfa2f1e8cf598f8b989b", KEY_OF_ZEROS},
    {"{\"latitude\":0.0,\"longitude\":13.25}", KEY_OF_EQUATOR, NULL},
    {"{\"latitude\":-0.0,\"longitude\":13.25}", "ad1-0780e8540b95c6f3f598403eabdcfc36a6cbbd2703334270e0bbe71ae27c752b",
     KEY_OF_EQUATOR},
    {"{\"latitude\":0.0,\"longitude\":0.0}", KEY_OF_ORIGIN, NULL},
    {"{\"latitude\":-0.0,\"longitude\":-0.0}", "ad1-4492067ab359a6bd32ee1abcd39313fe5654a322c65258aeb2727ebfe308492d",
     KEY_OF_ORIGIN},
    {"{\"latitude\":1.0,\"longitude\":180.0}",
     "ad1-d0f2be95c0c47d7c10db0dafdc51a1d71f05ecc1af9e3fdc02f8d7a64c366a45", NULL},
    {"{\"latitude\":1.0,\"longitude\":-180.0}",
     "ad1-32e6a81e3d338358d0159df5069cec131a614230e9ac859542ff39c3556c1f8e", NULL},
};
/* clang-format on */

#endif
