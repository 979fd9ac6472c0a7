#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/tls.h"

enum { VALID_DAYS = 3650 };

static const struct {
	int nid;
	const char *value;
} extensions[] = {
	{NID_basic_constraints, "critical,CA:FALSE"        },
	{NID_key_usage,         "critical,digitalSignature"},
	{NID_ext_key_usage,     "serverAuth"               },
};

static bool add_extension(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool added = x && X509_add_ext(x509, x, -1);

	X509_EXTENSION_free(x);
	return added;
}

static bool add_name(GENERAL_NAMES *list, const char *name)
{
	GENERAL_NAME *n = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	if (!n || !text || !ASN1_STRING_set(text, name, -1) || !sk_GENERAL_NAME_push(list, n)) {
		GENERAL_NAME_free(n);
		ASN1_IA5STRING_free(text);
		return false;
	}
	GENERAL_NAME_set0_value(n, GEN_DNS, text);
	return true;
}

static bool add_names(X509 *x509, const char *const *names, size_t count)
{
	GENERAL_NAMES *list = GENERAL_NAMES_new();
	bool added = list != NULL;

	for (size_t i = 0; added && i < count; i++)
		added = add_name(list, names[i]);
	added = added && X509_add1_ext_i2d(x509, NID_subject_alt_name, list, 0, X509V3_ADD_APPEND);
	GENERAL_NAMES_free(list);
	return added;
}

static bool set_serial(X509 *x509)
{
	uint64_t serial = 0;

	return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1);
}

static bool set_subject(X509 *x509, const char *name)
{
	enum { COMMON_NAME_MAX = 64 };
	X509_NAME *subject = X509_get_subject_name(x509);
	char common[COMMON_NAME_MAX + 1];

	snprintf(common, sizeof common, "%s", name);
	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
	                                  (const unsigned char *)common, -1, -1, 0) &&
	       X509_set_issuer_name(x509, subject);
}

static bool fill(X509 *x509, EVP_PKEY *key, const char *const *names, size_t count)
{
	bool filled = X509_set_version(x509, X509_VERSION_3) && set_serial(x509) &&
	              X509_gmtime_adj(X509_getm_notBefore(x509), 0) &&
	              X509_time_adj_ex(X509_getm_notAfter(x509), VALID_DAYS, 0, NULL) &&
	              X509_set_pubkey(x509, key) && set_subject(x509, names[0]) &&
	              add_names(x509, names, count);

	for (size_t i = 0; filled && i < sizeof extensions / sizeof extensions[0]; i++)
		filled = add_extension(x509, extensions[i].nid, extensions[i].value);
	return filled && X509_sign(x509, key, EVP_sha256());
}

static int system_error(struct error *e, const char *path)
{
	return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
}

/* Under another name until it is whole. */
static int write_file(const char *path, EVP_PKEY *key, X509 *x509, struct error *e)
{
	char *fresh = xasprintf("%s.new", path);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	int err = f ? 0 : system_error(e, fresh);

	if (f) {
		bool written = PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) &&
		               PEM_write_X509(f, x509) && fflush(f) == 0 && fsync(fd) == 0;
		if (fclose(f) || !written || rename(fresh, path))
			err = system_error(e, path);
	}
	free(fresh);
	return err;
}

int net_tls_make_certificate(const char *path, const char *const *names, size_t name_count,
                             struct error *e)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	int err = 0;

	if (!key || !x509 || !fill(x509, key, names, name_count))
		err = error_set(e, ERR_SYSTEM, "%s: a certificate for \"%s\" cannot be made", path,
		                names[0]);
	else
		err = write_file(path, key, x509, e);
	X509_free(x509);
	EVP_PKEY_free(key);
	return err;
}
