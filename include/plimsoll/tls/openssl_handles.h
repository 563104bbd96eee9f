// Owning handles for OpenSSL's objects: each frees what it holds, is as large as a pointer, and can only be moved.
//
// Thread-safety: as the object held; OpenSSL counts the references of SSL_CTX, X509 and EVP_PKEY atomically, everything
// else belongs to one thread. Semantics: the manual page of each *_free function.
#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace plimsoll {

template <auto Free>
struct OpenSslDeleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

template <class T, auto Free>
using OpenSslHandle = std::unique_ptr<T, OpenSslDeleter<Free>>;

using BignumPtr = OpenSslHandle<BIGNUM, BN_free>;
using BioPtr = OpenSslHandle<BIO, BIO_vfree>;
using BioMethodPtr = OpenSslHandle<BIO_METHOD, BIO_meth_free>;
using EvpPkeyPtr = OpenSslHandle<EVP_PKEY, EVP_PKEY_free>;
using GeneralNamesPtr = OpenSslHandle<GENERAL_NAMES, GENERAL_NAMES_free>;
using GeneralNamePtr = OpenSslHandle<GENERAL_NAME, GENERAL_NAME_free>;
using SslCtxPtr = OpenSslHandle<SSL_CTX, SSL_CTX_free>;
using SslPtr = OpenSslHandle<SSL, SSL_free>;
using X509ExtensionPtr = OpenSslHandle<X509_EXTENSION, X509_EXTENSION_free>;
using X509Ptr = OpenSslHandle<X509, X509_free>;

}  // namespace plimsoll
