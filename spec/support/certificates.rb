# frozen_string_literal: true

require "openssl"

# Keys and certificates for one test, in a directory of its own.
module Certificates
  module_function

  def rsa(bits = 2048)
    OpenSSL::PKey::RSA.new(bits)
  end

  # A certificate for 127.0.0.1 and localhost that is its own authority.
  def certificate(key)
    OpenSSL::X509::Certificate.new.tap do |certificate|
      certificate.version = 2
      certificate.serial = rand(1 << 64)
      certificate.subject = certificate.issuer = OpenSSL::X509::Name.parse("/CN=localhost")
      certificate.public_key = key
      certificate.not_before = Time.now - 3600
      certificate.not_after = Time.now + 3600
      extend_for_loopback(certificate)
      certificate.sign(key, OpenSSL::Digest.new("SHA256"))
    end
  end

  def extend_for_loopback(certificate)
    factory = OpenSSL::X509::ExtensionFactory.new(certificate, certificate)
    certificate.add_extension(factory.create_extension("basicConstraints", "CA:TRUE", true))
    certificate.add_extension(factory.create_extension("subjectAltName", "DNS:localhost,IP:127.0.0.1"))
  end

  # @return [String] the path
  def write(directory, name, content)
    File.join(directory, name).tap { |path| File.write(path, content) }
  end

  # @return [Array(String, String)] paths of a key and its certificate
  def pair(directory, key = rsa)
    [write(directory, "server.key", key.private_to_pem), write(directory, "server.crt", certificate(key).to_pem)]
  end
end
